import { describe, expect, it } from 'vitest';
import { codeBlocks, headingAnchors, relativeLinks } from './markdown.ts';

const markdown = `
# Two words, and \`code\`

See [this](docs/one.md#part), [that](../two.md "Two"), [here](#again), [a site](https://example.org/x.md),
\`[not](this.md)\` and [the third].

\`\`\`sh
# no heading, and [no](link.md)
curl -s $URL
\`\`\`

## Again
## Again

[the third]: three.md
`;

describe('markdown', () => {
  it('has blocks of code', () => {
    expect(codeBlocks(markdown)).toEqual([
      { language: 'sh', text: '# no heading, and [no](link.md)\ncurl -s $URL\n' },
    ]);
  });

  it('has links to files and headings, which code and other sites are not', () => {
    expect(relativeLinks(markdown)).toEqual(['docs/one.md#part', '../two.md', '#again', 'three.md']);
  });

  it('has anchors for its headings, each of its own', () => {
    expect(headingAnchors(markdown)).toEqual(['two-words-and-code', 'again', 'again-1']);
  });
});
