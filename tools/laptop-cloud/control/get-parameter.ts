import * as z from 'zod';
import { type ControlOperation, controlError, controlResult } from './control-api.ts';

/** A parameter of Parameter Store. */
export interface Parameter {
  value: string;
  type: 'String' | 'StringList' | 'SecureString';
}

/** What a SecureString shows without decryption; on AWS it is the ciphertext. */
const CIPHERTEXT = 'encrypted: ask WithDecryption';

const GetParameterInput = z.looseObject({ Name: z.string(), WithDecryption: z.boolean().optional() });

/**
 * Answers AmazonSSM.GetParameter from a map. A SecureString that is asked for without decryption comes as
 * unreadable text, as on AWS; an unknown name is ParameterNotFound.
 * Source: "GetParameter" in the Systems Manager API reference.
 * @param parameters by name
 * @param since when the parameters were last modified, in milliseconds since the epoch
 */
export function getParameter(
  parameters: ReadonlyMap<string, Parameter>,
  { region, account, since }: { region: string; account: string; since: number },
): ControlOperation {
  return ({ amzTarget, body }) => {
    if (amzTarget !== 'AmazonSSM.GetParameter') return null;
    const input = GetParameterInput.safeParse(JSON.parse(body));
    if (!input.success) return controlError(400, 'ValidationException', z.prettifyError(input.error));

    const { Name, WithDecryption = false } = input.data;
    const parameter = parameters.get(Name);
    if (parameter === undefined) return controlError(400, 'ParameterNotFound', '');
    const readable = parameter.type !== 'SecureString' || WithDecryption;
    return controlResult({
      Parameter: {
        Name,
        Type: parameter.type,
        Value: readable ? parameter.value : CIPHERTEXT,
        Version: 1,
        LastModifiedDate: since / 1000,
        ARN: `arn:aws:ssm:${region}:${account}:parameter${Name.startsWith('/') ? '' : '/'}${Name}`,
        DataType: 'text',
      },
    });
  };
}
