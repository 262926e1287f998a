const longestAttribute = 1024;
// What a queue takes, turned round. Source: Amazon SQS, SendMessage: #x9 | #xA | #xD | #x20–#xD7FF | #xE000–#xFFFD |
// #x10000–#x10FFFF.
const refusedByQueues = /[^\t\n\r\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]/gu;
// Also characters beyond U+FFFF: emulators refuse them, and JSON can do without.
const escapedInJson = /[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD]/g;

/** JSON text of which every queue takes every character; reads back to the same value. */
export function toQueueJson(value: unknown): string {
  return JSON.stringify(value).replace(escapedInJson, (unit) => `\\u${unit.charCodeAt(0).toString(16)}`);
}

/** A text as a message attribute: at most 1 KB of UTF-8, without the characters that a queue refuses; null if empty. */
export function toQueueAttribute(text: string): string | null {
  const clean = text.toWellFormed().replace(refusedByQueues, '\uFFFD');
  let kept = '';
  let bytes = 0;
  for (const char of clean) {
    bytes += Buffer.byteLength(char);
    if (bytes > longestAttribute) break;
    kept += char;
  }
  return kept === '' ? null : kept;
}
