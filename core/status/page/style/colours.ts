// Text keeps a contrast of 4.5 to 1 and more on its ground, light and dark; the bars keep 3 to 1.
export const COLOURS = `
:root{
color-scheme:light dark;
--ground:#f3f6f8;--card:#fff;--sunk:#f3f6f8;--ink:#13212b;--soft:#51626f;--line:#dfe6eb;--link:#0a6485;--focus:#0a6485;
--good:#14693a;--good-bg:#e4f5ea;--good-bar:#2c9a5b;
--warn:#7d5200;--warn-bg:#fcf1d8;--warn-bar:#b57c0a;
--late:#8f4300;--late-bg:#ffecdb;--late-bar:#cf6a11;
--bad:#ab2117;--bad-bg:#fde9e7;--bad-bar:#d0352b;
--none:#ccd6dd;--line-1:#0a7ca5;--area:#0a7ca51f;--buoy:#e4572e;--bands:#fff;--shadow:0 1px 2px #13212b0d,0 4px 16px #13212b0a
}
@media (prefers-color-scheme:dark){:root{
--ground:#0d1418;--card:#151e25;--sunk:#0f171d;--ink:#e8eff4;--soft:#a1b1bd;--line:#26343f;--link:#74cdec;--focus:#74cdec;
--good:#86dca6;--good-bg:#12311f;--good-bar:#3fae70;
--warn:#f1c76e;--warn-bg:#352a0e;--warn-bar:#d9a53a;
--late:#f8b077;--late-bg:#3b2410;--late-bar:#ea8a3c;
--bad:#ffa097;--bad-bg:#3f1b18;--bad-bar:#f0695e;
--none:#33424e;--line-1:#54bfe2;--area:#54bfe22b;--buoy:#ff7a50;--bands:#f4f7f9;--shadow:none
}}
.good{--tone:var(--good);--tone-bg:var(--good-bg);--tone-bar:var(--good-bar)}
.warn,.attention{--tone:var(--warn);--tone-bg:var(--warn-bg);--tone-bar:var(--warn-bar)}
.late{--tone:var(--late);--tone-bg:var(--late-bg);--tone-bar:var(--late-bar)}
.bad,.failing,.missing{--tone:var(--bad);--tone-bg:var(--bad-bg);--tone-bar:var(--bad-bar)}
`;
