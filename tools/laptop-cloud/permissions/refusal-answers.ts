import type { Refusal } from './permissions.ts';

/** An answer in place of the service's. */
export interface RefusalAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** The protocols in which a refusal is told. */
export type Protocol = 'dynamodb' | 'sqs' | 's3' | 'ssm' | 'lambda';

interface Told {
  readonly status: number;
  readonly code: string;
  readonly message: string;
}

const INVALID_TOKEN = 'The security token included in the request is invalid.';

/** How each service calls a key that it does not know. */
const UNKNOWN_KEY: Readonly<Record<Protocol, Told>> = {
  dynamodb: { status: 400, code: 'UnrecognizedClientException', message: INVALID_TOKEN },
  sqs: { status: 403, code: 'InvalidClientTokenId', message: INVALID_TOKEN },
  s3: {
    status: 403,
    code: 'InvalidAccessKeyId',
    message: 'The AWS Access Key Id you provided does not exist in our records.',
  },
  ssm: { status: 400, code: 'UnrecognizedClientException', message: INVALID_TOKEN },
  lambda: { status: 403, code: 'UnrecognizedClientException', message: INVALID_TOKEN },
};

/** How each service calls what a role does not allow. */
const DENIED: Readonly<Record<Protocol, Omit<Told, 'message'>>> = {
  dynamodb: { status: 400, code: 'AccessDeniedException' },
  sqs: { status: 403, code: 'AccessDenied' },
  s3: { status: 403, code: 'AccessDenied' },
  ssm: { status: 400, code: 'AccessDeniedException' },
  lambda: { status: 403, code: 'AccessDeniedException' },
};

/**
 * Tells a refusal as the service does, so that its SDK client throws what it would throw on AWS.
 * Source: "Troubleshoot access denied error messages" in the IAM User Guide; "Common errors" of each API reference.
 */
export function refusalAnswer(refusal: Refusal, protocol: Protocol): RefusalAnswer {
  if (refusal.kind === 'unknown key') return answer(UNKNOWN_KEY[protocol], protocol);
  return answer({ ...DENIED[protocol], message: denialMessage(refusal) }, protocol);
}

/** What a denial says, by whichever protocol. */
export function denialMessage({ caller, needed, verdict }: Extract<Refusal, { kind: 'denied' }>): string {
  // SQS writes its actions small: https://github.com/aws/serverless-application-model/issues/3633
  const action = needed.action.startsWith('sqs:') ? needed.action.toLowerCase() : needed.action;
  const resource = needed.action.startsWith('s3:') ? `"${needed.resource}"` : needed.resource;
  const why =
    verdict === 'not allowed'
      ? `because no identity-based policy allows the ${action} action`
      : 'with an explicit deny in an identity-based policy';
  return `User: ${caller} is not authorized to perform: ${action} on resource: ${resource} ${why}`;
}

/** The answer to a call whose permissions nobody has taught the laptop cloud; it is refused, whoever calls. */
export function unknownCallAnswer(name: string, protocol: Protocol): RefusalAnswer {
  const message = `The laptop cloud does not know which permissions ${name} takes: teach it to tools/laptop-cloud/permissions`;
  return protocol === 's3'
    ? answer({ status: 501, code: 'NotImplemented', message }, protocol)
    : answer({ status: 400, code: 'UnknownOperationException', message }, protocol);
}

/** The answer to a request that does not say what its operation needs. */
export function unreadableCallAnswer(reason: string, protocol: Protocol): RefusalAnswer {
  return answer({ status: 400, code: 'SerializationException', message: reason }, protocol);
}

function answer({ status, code, message }: Told, protocol: Protocol): RefusalAnswer {
  switch (protocol) {
    case 's3':
      return {
        status,
        headers: { 'content-type': 'application/xml' },
        body: `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code><Message>${xmlText(message)}</Message></Error>`,
      };
    case 'sqs':
      return {
        status,
        headers: {
          'content-type': 'application/x-amz-json-1.0',
          // The name that clients go by; the body's is that of the JSON protocol.
          'x-amzn-query-error': `${code};Sender`,
        },
        body: JSON.stringify({ __type: `com.amazon.coral.service#${code}`, message }),
      };
    case 'lambda':
      return {
        status,
        headers: { 'content-type': 'application/json', 'x-amzn-errortype': code },
        body: JSON.stringify({ Message: message }),
      };
    default:
      return {
        status,
        headers: { 'content-type': 'application/x-amz-json-1.0' },
        body: JSON.stringify({ __type: `com.amazon.coral.service#${code}`, message }),
      };
  }
}

/** A text between XML tags. */
export function xmlText(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
