import { isScalar, LineCounter, parseDocument, visit } from 'yaml';

/** A value or key that Lifeboat and Terraform read differently. */
export type AmbiguousText = { readonly text: string; readonly line: number };

/** Terraform reads YAML 1.1, in which these are true and false. */
const TRUTH = /^(y|yes|n|no|on|off)$/i;
/** Terraform adds a time and a zone to it. */
const DATE = /^\d{4}-\d{1,2}-\d{1,2}/;

/**
 * The keys and values without quotes that Terraform takes for truth values or dates. A database
 * named `on` would become `true` there, and get no schedule of its own.
 */
export function ambiguousTexts(yaml: string): AmbiguousText[] {
  const lines = new LineCounter();
  const ambiguous: AmbiguousText[] = [];
  visit(parseDocument(yaml, { lineCounter: lines }), {
    Scalar: (_, node) => {
      if (!isScalar(node) || node.type !== 'PLAIN' || typeof node.value !== 'string') return;
      const { value, range } = node;
      if (TRUTH.test(value) || DATE.test(value))
        ambiguous.push({ text: value, line: lines.linePos(range?.[0] ?? 0).line });
    },
  });
  return ambiguous;
}
