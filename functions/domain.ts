type Domain = { exit(): void };

/**
 * Leaves the domain (https://nodejs.org/api/domain.html, deprecated) that functions-framework 5 runs each request in. Inside of it an exception that nobody
 * catches is answered with 500 and forgotten, and the run that it tore apart stands still with its memory and its temporary files. Outside of it, it ends the
 * instance, answered with 500 as well, and a new one begins. Besides, a domain is bound to every promise of a request: some 0.3 s of processor time for a
 * backup of 1 GiB.
 */
export function leaveDomain(): void {
  return (process as { domain?: Domain | null }).domain?.exit();
}
