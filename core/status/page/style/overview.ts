export const OVERVIEW = `
.verdict{display:flex;align-items:flex-start;gap:clamp(1rem,2vw,1.5rem);padding:clamp(1rem,3.5vw,2.75rem) 0 clamp(1.5rem,4vw,3rem)}
.verdict>.icon{width:clamp(2.5rem,4.5vw,3.75rem);height:clamp(2.5rem,4.5vw,3.75rem);padding:.6em;border-radius:50%;background:var(--tone-bg);color:var(--tone);padding:clamp(.6rem,1vw,.85rem)}
.verdict h1{font-size:clamp(1.5rem,3.1vw,2.5rem);font-weight:700;letter-spacing:-.024em;line-height:1.18}
.verdict p{margin-top:.5rem;color:var(--soft);font-size:clamp(1rem,1.3vw,1.125rem);max-width:46rem}
.bar-above{display:flex;flex-wrap:wrap;align-items:center;gap:.75rem 1.25rem;margin-bottom:1rem}
h2{font-size:1.1875rem;font-weight:680}
.counts{display:flex;flex-wrap:wrap;gap:.5rem}
.filter{display:flex;flex-wrap:wrap;align-items:center;gap:.5rem .75rem;margin-left:auto;font-size:.875rem}
.filter label{color:var(--soft)}
.filter input{width:12rem;min-width:0;padding:.4rem .75rem;border:1px solid var(--none);border-radius:.5rem;background:var(--card)}
.filter button{padding:.4rem .9rem;border:1px solid var(--none);border-radius:.5rem;background:var(--card);font-weight:600;cursor:pointer}
.filter button:hover{background:var(--sunk)}
.cards{display:grid;gap:.875rem}
.card{position:relative;display:grid;gap:1.125rem 1.75rem;padding:1.25rem 1.5rem;background:var(--card);border:1px solid var(--line);border-radius:.875rem;box-shadow:var(--shadow);overflow:hidden;contain-intrinsic-size:auto 8rem;content-visibility:auto}
.card:not(.good)::before{content:"";position:absolute;inset:0 auto 0 0;width:.25rem;background:var(--tone-bar)}
.who{display:flex;flex-wrap:wrap;align-content:flex-start;align-items:center;gap:.4rem .75rem}
.who h3{font-size:1.125rem;font-weight:680}
.who h3 a{color:inherit;text-decoration-color:transparent}
.who h3 a:hover{text-decoration-color:currentColor}
.reasons{flex-basis:100%;color:var(--soft);font-size:.875rem;text-wrap:pretty}
.facts{display:grid;grid-template-columns:repeat(2,minmax(0,1fr));gap:1rem 1.25rem;align-content:start}
.facts dt{color:var(--soft);font-size:.8125rem}
.facts dd{font-weight:620}
.facts .more{color:var(--soft);font-size:.8125rem;font-weight:400;text-wrap:pretty}
.pulse{min-width:0}
.strip{display:block;width:100%;height:1.75rem;overflow:visible}
.bar{fill:none;stroke:var(--tone-bar);stroke-dasharray:3 1}
.bar.good{stroke-width:12}.bar.warn{stroke-width:18}.bar.bad{stroke-width:24}
.bar.none{stroke:var(--none);stroke-width:2}
.bar:hover{stroke:var(--ink)}
.notch{fill:none;stroke:var(--card);stroke-width:3}
.figures{display:grid;grid-template-columns:1fr 1fr;gap:1.25rem;margin-top:.75rem}
.figure p{display:flex;justify-content:space-between;gap:.5rem;font-size:.8125rem;color:var(--soft)}
.figure b{color:var(--ink);font-weight:600;white-space:nowrap}
.spark{display:block;width:100%;height:1.5rem;overflow:hidden}
.spark path{fill:var(--area)}
.spark path,.line{fill:var(--area);stroke:var(--line-1);stroke-width:1.5;stroke-linejoin:round;vector-effect:non-scaling-stroke}
.line{fill:none}
.spark .dot{stroke-width:6;stroke-linecap:round}
.area{fill:var(--area)}
.lately{margin-top:-.5rem;font-size:.8125rem}
.lately li{padding:.35rem 0 .35rem .75rem;border-left:.1875rem solid var(--tone-bar);margin-top:.5rem}
.lately p{margin-top:.5rem}
.more>span,.what>span,.last>span:not(.mark){display:inline-block}
.trouble{padding:.875rem 1.125rem;border-radius:.625rem;background:var(--bad-bg);font-size:.875rem}
.trouble p+p{margin-top:.35rem}
.trouble .what{color:var(--bad)}
.trouble.past{background:var(--card);border:1px solid var(--line)}
.trouble.past .what{color:inherit}
.lately .trouble.past{background:var(--sunk)}
.legend{display:flex;flex-wrap:wrap;gap:.25rem 1.25rem;margin-top:1rem;color:var(--soft);font-size:.8125rem}
.legend ul{display:flex;flex-wrap:wrap;gap:.25rem 1.25rem}
.legend li{display:flex;align-items:flex-end;gap:.45rem}
.key{width:.25rem;height:1.25rem}
.legend .notch{stroke:var(--ground)}
.empty,.panel{padding:1.5rem;background:var(--card);border:1px solid var(--line);border-radius:.875rem}
.panel p+p{margin-top:.75rem}
@media (min-width:48rem){.facts{grid-template-columns:repeat(4,minmax(0,1fr))}}
@media (min-width:70rem){
.card{grid-template-columns:13rem minmax(0,1fr) 20rem}
.card>.trouble{grid-column:1/-1}
.card:has(.lately) :is(.who,.facts){grid-row:1/span 2}
.pulse{grid-row:1}
.lately{grid-row:2;grid-column:3}
.lately[open]{grid-row:3;grid-column:1/-1}
}
@media (max-width:40rem){
.asof{text-align:right}
.card{padding:1.125rem}
.filter{margin-left:0;width:100%}
.filter label{flex-basis:100%}
.filter input{flex:1;width:auto}
}
`;
