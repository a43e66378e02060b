export const DATABASE = `
.back{padding-top:.5rem}
.one{display:grid;gap:1.5rem;padding:1.25rem 0 2rem}
.one .who h1{font-size:clamp(1.75rem,3.4vw,2.5rem);letter-spacing:-.024em}
.one .badge{font-size:.9375rem}
.one .facts{padding:1.25rem 1.5rem;background:var(--card);border:1px solid var(--line);border-radius:.875rem;box-shadow:var(--shadow)}
.newest h2{font-size:.9375rem}
.newest pre{background:var(--card)}
.one .facts dd:not(.more){font-size:1.125rem}
.panel{margin-bottom:.875rem;box-shadow:var(--shadow)}
.panel>h2:not(:last-child){margin-bottom:.75rem}
.panel>h2+.soft:not(:last-child){margin-bottom:1rem}
.wide{margin-bottom:1.25rem}
.wide .strip{height:2.5rem}
.wide .notch{stroke:var(--card)}
.run{display:grid;grid-template-columns:13.5rem 11rem 8rem minmax(0,1fr);gap:.15rem 1.25rem;padding:.6rem 0;border-top:1px solid var(--line);font-size:.875rem;scroll-margin-top:1rem}
.run:target{background:var(--sunk);box-shadow:-.75rem 0 0 var(--sunk),.75rem 0 0 var(--sunk)}
.run .why{grid-column:2/-1}
.run p+p{margin:0}
.mark{display:inline-flex;align-items:center;gap:.5em;color:var(--tone);font-weight:600}
.mark::before{content:"";width:.5em;height:.5em;border-radius:50%;background:var(--tone-bar)}
.mark.bad::before{border-radius:0;transform:rotate(45deg)}
.rest{border-top:1px solid var(--line);padding-top:.75rem}
.rest[open]>summary{margin-bottom:.75rem}
.charts{display:grid;gap:2rem;grid-template-columns:repeat(auto-fit,minmax(min(100%,24rem),1fr))}
figcaption{font-size:1.0625rem;font-weight:660;margin-bottom:1rem}
.plot{display:grid;grid-template-columns:auto minmax(0,1fr);gap:.5rem .75rem}
.plot svg{display:block;width:100%;height:11rem;overflow:visible}
.ticks,.days{display:flex;justify-content:space-between;color:var(--soft);font-size:.75rem;white-space:nowrap}
.ticks{flex-direction:column;text-align:right}
.ticks li{height:0;line-height:0}
.days{grid-column:2}
.grid{fill:none;stroke:var(--line);stroke-width:1;vector-effect:non-scaling-stroke}
.strong{fill:var(--line-1)}
.weak{fill:var(--line-1);opacity:.6}
.hover{fill:transparent}
.hover:hover{fill:var(--area)}
.tables{display:grid;gap:1.25rem 2rem;grid-template-columns:repeat(auto-fill,minmax(min(100%,9.5rem),1fr))}
.tables .spark{height:2rem;margin:.35rem 0 .15rem}
.tables+.soft{margin-top:1rem;font-size:.875rem}
.chain h3{display:flex;flex-wrap:wrap;align-items:baseline;gap:.25rem .75rem;margin:1.25rem 0 .25rem;font-size:1rem}
.chain h3 .soft{font-size:.8125rem;font-weight:400;letter-spacing:0}
.cells{display:grid;gap:0 1.25rem;color:var(--soft)}
.run .cells{grid-template-columns:repeat(3,minmax(0,1fr))}
.cells span:empty{visibility:hidden}
.run .cells>span{text-align:right}
.backup .cells{grid-template-columns:7rem 6rem 9rem 6rem minmax(0,1fr)}
.backup .cells>:nth-child(2),.backup .cells>:nth-child(3){text-align:right}
.cells b{color:var(--ink);font-weight:600}
.pin{padding:.05em .5em;border-radius:1em;background:var(--sunk);border:1px solid var(--line);font-size:.75rem}
.backup{position:relative;display:grid;grid-template-columns:19rem minmax(0,1fr) auto;gap:0 1.25rem;padding:.55rem 0 .55rem 1.75rem;font-size:.875rem}
.backup p+p{margin:0}
.backup::before{content:"";position:absolute;left:.4375rem;top:0;bottom:0;width:.125rem;background:var(--none)}
.backup:first-child::before{top:1.1rem}
.backup.full::before{bottom:auto;height:1.1rem}
.backup.full:first-child::before{display:none}
.backup::after{content:"";position:absolute;left:.1875rem;top:.9rem;width:.625rem;height:.625rem;border:.125rem solid var(--line-1);border-radius:50%;background:var(--card)}
.backup.full::after{background:var(--line-1);border-radius:.125rem}
.restore{text-align:right}
.restore summary{margin-left:auto;color:var(--link)}
.restore[open]{grid-column:1/-1;text-align:left}
.restore[open] summary{margin-left:0}
pre{margin:.5rem 0;padding:.75rem 1rem;background:var(--sunk);border:1px solid var(--line);border-radius:.5rem;white-space:pre-wrap;overflow-wrap:anywhere;-webkit-user-select:all;user-select:all}
.json{max-height:32rem;overflow:auto;-webkit-user-select:auto;user-select:auto}
.last{margin-bottom:.75rem}
@media (max-width:56rem){
.run{display:flex;flex-wrap:wrap;gap:.1rem .9rem}
.run .when,.run .why{flex-basis:100%}
.run .when{font-weight:600}
.backup{grid-template-columns:minmax(0,1fr) auto}
.backup .cells{grid-row:2;grid-column:1/-1}
.backup .cells,.run .cells{display:flex;flex-wrap:wrap;gap:0 .9rem}
.cells>span:empty{display:none}
}
@media (min-width:60rem){.tables{grid-template-columns:repeat(4,minmax(0,1fr))}}
@media (max-width:40rem){.panel,.one .facts{padding:1.125rem}.days li:nth-child(2){display:none}}
`;
