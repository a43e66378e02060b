export const BASE = `
*{box-sizing:border-box}
html{font-size:100%;-webkit-text-size-adjust:100%;text-size-adjust:100%;scroll-padding-top:1rem}
@media (min-width:110rem){html{font-size:118%}}
@media (min-width:150rem){html{font-size:150%}}
body{margin:0;background:var(--ground);color:var(--ink);font:400 .9375rem/1.5 -apple-system,BlinkMacSystemFont,"Segoe UI",Roboto,"Helvetica Neue","Noto Sans","Liberation Sans",Arial,sans-serif;font-variant-numeric:tabular-nums;overflow-wrap:anywhere}
h1,h2,h3,p,ul,ol,dl,dd,figure{margin:0;padding:0}
ul,ol{list-style:none}
h1,h2,h3{line-height:1.25;text-wrap:balance;letter-spacing:-.012em}
a{color:var(--link);text-underline-offset:.18em;text-decoration-thickness:from-font}
a:hover{text-decoration-thickness:.14em}
code,pre{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace;font-size:.875em}
:focus-visible{outline:.1875rem solid var(--focus);outline-offset:.125rem;border-radius:.25rem}
main:focus{outline:none}
time[title]{text-decoration:none}
b,strong{font-weight:650}
.soft{color:var(--soft)}
span.bad,.tone{color:var(--tone)}
.away{position:absolute}
.skip{position:absolute;left:1rem;top:-5rem;padding:.5rem 1rem;background:var(--card);border-radius:.5rem;z-index:1}
.skip:focus{top:1rem}
.top,main,.foot{max-width:82rem;margin:0 auto;padding:0 clamp(1rem,3vw,2rem)}
.top{display:flex;align-items:center;justify-content:space-between;gap:1rem;padding-top:1.25rem;padding-bottom:1.25rem}
.home{display:flex;align-items:center;gap:.6rem;color:inherit;font-weight:700;font-size:1.0625rem;letter-spacing:-.01em;text-decoration:none}
.brand{width:1.75rem;height:1.75rem}
.buoy{stroke:var(--buoy)}
.bands{stroke:var(--bands)}
.asof,.foot{color:var(--soft);font-size:.8125rem}
.foot{display:flex;flex-wrap:wrap;justify-content:space-between;gap:.5rem 2rem;padding-top:2.5rem;padding-bottom:2.5rem}
.foot p{display:flex;flex-wrap:wrap;gap:.25rem 1.25rem}
.icon{width:1em;height:1em;flex:none;fill:none;stroke:currentColor;stroke-width:1.9;stroke-linecap:round;stroke-linejoin:round}
.badge{display:inline-flex;align-items:center;gap:.4em;padding:.16em .7em .16em .5em;border-radius:2em;background:var(--tone-bg);color:var(--tone);font-size:.8125rem;font-weight:600;white-space:nowrap}
summary{cursor:pointer;color:var(--soft);border-radius:.25rem;width:fit-content}
summary:hover{color:var(--ink)}
input,button{font:inherit;color:inherit}
@media (prefers-reduced-motion:no-preference){a,summary,button{transition:color .12s,background-color .12s}}
@media print{.filter,.skip{display:none}}
`;
