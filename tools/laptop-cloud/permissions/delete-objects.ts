import { xmlText } from './refusal-answers.ts';

/** One object of a DeleteObjects request. */
export interface ListedObject {
  readonly key: string;
  /** Whether one of its versions is to go, which is another action. */
  readonly versioned: boolean;
  /** Its element, as sent. */
  readonly xml: string;
}

/** An object that was left alone, with the denial's words. */
export interface LeftObject {
  readonly object: ListedObject;
  readonly message: string;
}

/** The objects that the body of a DeleteObjects request lists. */
export function listedObjects(xml: string): ListedObject[] {
  return [...xml.matchAll(/<Object>(.*?)<\/Object>/gs)].map(([element, inner = '']) => ({
    key: plainText(/<Key>(.*?)<\/Key>/s.exec(inner)?.[1] ?? ''),
    versioned: inner.includes('<VersionId>'),
    xml: element,
  }));
}

/** The request without some of its objects; its checksums no longer fit. */
export function requestWithout(xml: string, left: readonly LeftObject[]): string {
  return left.reduce((rest, { object }) => rest.replace(object.xml, () => ''), xml);
}

/**
 * The answer to a DeleteObjects request of which some objects were left alone: a success, with an error for each.
 * Source: "DeleteObjects" in the Amazon S3 API reference.
 * @param answer what S3 says about the others; empty when there were none
 */
export function answerWithErrors(answer: string, left: readonly LeftObject[]): string {
  const errors = left
    .map(
      ({ object, message }) =>
        `<Error><Key>${xmlText(object.key)}</Key><Code>AccessDenied</Code><Message>${xmlText(message)}</Message></Error>`,
    )
    .join('');
  const whole = answer || '<DeleteResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"></DeleteResult>';
  return whole.replace('</DeleteResult>', () => `${errors}</DeleteResult>`);
}

const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

function plainText(xml: string): string {
  return xml.replaceAll(
    /&(?:#x([0-9a-f]+)|#(\d+)|(\w+));/gi,
    (whole, hex?: string, decimal?: string, name?: string) => {
      if (hex !== undefined) return String.fromCodePoint(Number.parseInt(hex, 16));
      if (decimal !== undefined) return String.fromCodePoint(Number(decimal));
      return ENTITIES[name ?? ''] ?? whole;
    },
  );
}
