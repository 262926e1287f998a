/**
 * The Content-Disposition by which a browser saves an answer under a name: `filename*` for the name itself and
 * `filename`, in ASCII, for what does not know that one. Source: RFC 6266, sections 4.3 and 5; RFC 8187, section 3.2.
 */
export function attachmentHeader(name: string): string {
  const plain = name.toWellFormed().replaceAll(/\p{Cc}/gu, '_');
  // A percent sign is decoded by some browsers, so that it is as unsafe as a quote.
  const ascii = plain.replaceAll(/[^ -~]|["\\%]/gu, '_');
  const encoded = encodeURIComponent(plain).replaceAll(
    /['()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return `attachment; filename="${ascii}"; filename*=UTF-8''${encoded}`;
}
