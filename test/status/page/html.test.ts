import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { html, literal } from '../../../core/status/page/parts/html.ts';

const text = (value: string): string => html`${value}`.toString();

describe('a template', () => {
  test.each([
    ['<script>alert(1)</script>', '&lt;script&gt;alert(1)&lt;/script&gt;'],
    [`"onload='x'`, '&quot;onload=&#39;x&#39;'],
    ['a & b', 'a &amp; b'],
    ['é 日本 😀', 'é 日本 😀'],
    ['\ud800', '\ufffd'],
    ['a\u202eb\u0000c\u200b', 'a\ufffdb\ufffdc\ufffd'],
    ['a\n\tb', 'a\n\tb'],
  ])('escapes %j', (value, markup) => expect(text(value)).toBe(markup));

  test('keeps markup, joins lists and leaves out what is absent', () => {
    const items = ['<a>', 'b'].map((each) => html`<li>${each}</li>`);
    expect(html`${items}${undefined}${null}${false}${0}${literal('<br>')}`.toString()).toBe(
      '<li>&lt;a&gt;</li><li>b</li>0<br>',
    );
  });

  test('takes nothing for markup that only looks like it', () => {
    const pretender = { toString: () => '<b>' };
    expect(text(pretender as unknown as string)).not.toContain('<b>');
  });

  test('makes one space of a break in its own layout, none at the end of a tag, and leaves values as they are', () => {
    const layout = Object.assign(['<p\n  class="x"\n>\n  ', '\n</p>'], { raw: [] });
    expect(html(layout, 'a\n\n  > b').toString()).toBe('<p class="x"> a\n\n  &gt; b </p>');
  });

  test('lets no value leave a text or a quoted attribute', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.string()), (value) => {
        const markup = html`<a title="${value}">${value}</a>`.toString();
        expect(markup.match(/[<>"]/g)).toHaveLength(6);
        expect(markup.isWellFormed()).toBe(true);
      }),
    );
  });
});
