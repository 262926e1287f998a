import type { AwsCall } from './aws-call.ts';

/** An HTTP answer that a service gives when something is wrong. */
export interface FaultAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** The namespaces of AWS's JSON protocols. */
const namespaces = {
  dynamodb: { prefix: 'com.amazonaws.dynamodb.v20120810', type: 'application/x-amz-json-1.0' },
  coral: { prefix: 'com.amazon.coral.availability', type: 'application/x-amz-json-1.0' },
  sqs: { prefix: 'com.amazonaws.sqs', type: 'application/x-amz-json-1.0' },
} as const;

const said = 'injected by the fault proxy';

/** An error of DynamoDB or SQS. Source: AWS JSON 1.0 protocol, "Operation error serialization". */
export function jsonFault(
  status: number,
  namespace: keyof typeof namespaces,
  code: string,
  more: object = {},
): FaultAnswer {
  const { prefix, type } = namespaces[namespace];
  return {
    status,
    headers: {
      'content-type': type,
      // SQS tells there what its older protocol calls the error.
      ...(namespace === 'sqs' && { 'x-amzn-query-error': `${code};${status < 500 ? 'Sender' : 'Receiver'}` }),
    },
    body: JSON.stringify({ __type: `${prefix}#${code}`, message: said, ...more }),
  };
}

/** An error of S3. Source: Amazon S3, "Error responses". */
export function xmlFault(status: number, code: string): FaultAnswer {
  return {
    status,
    headers: { 'content-type': 'application/xml' },
    body: `<?xml version="1.0" encoding="UTF-8"?><Error><Code>${code}</Code><Message>${said}</Message></Error>`,
  };
}

/** What DynamoDB answers when another transaction works on the first of the items: a reason for each action. */
export function cancelledTransaction({ request }: AwsCall): FaultAnswer {
  const { TransactItems } = request;
  const actions = Array.isArray(TransactItems) ? TransactItems.length : 1;
  const reasons = Array.from({ length: actions }, (_, index) =>
    index === 0 ? { Code: 'TransactionConflict', Message: said } : { Code: 'None' },
  );
  return jsonFault(400, 'dynamodb', 'TransactionCanceledException', {
    Message: `Transaction cancelled, please refer cancellation reasons for specific reasons [${reasons.map(({ Code }) => Code).join(', ')}]`,
    CancellationReasons: reasons,
  });
}
