import { GetParameterCommand, type SSMClient } from '@aws-sdk/client-ssm';

/** Where a secret lies and how long it may be remembered. */
export interface SecretParameterOptions {
  readonly client: Pick<SSMClient, 'send'>;
  /** The name of an SSM SecureString. */
  readonly name: string;
  /** Milliseconds since the epoch. */
  now(): number;
  /** @default 5 minutes, in milliseconds */
  readonly keepMs?: number;
}

/**
 * Opens a secret of the SSM parameter store: the returned function gives its value, asking SSM at most once in `keepMs`,
 * so that a changed secret takes effect without a deployment. Calls side by side share one request; a failed one is not
 * remembered. Throws what SSM throws, and an Error naming the parameter when it has no value.
 */
export function openSecretParameter(options: SecretParameterOptions): () => Promise<string> {
  const { client, name, now, keepMs = 300_000 } = options;
  let known: { value: Promise<string>; until: number } | null = null;

  async function ask(): Promise<string> {
    const { Parameter } = await client.send(new GetParameterCommand({ Name: name, WithDecryption: true }));
    if (!Parameter?.Value) throw new Error(`the SSM parameter ${name} has no value: store the secret in it`);
    return Parameter.Value;
  }

  return async () => {
    if (known && known.until > now()) return known.value;
    const asking = { value: ask(), until: now() + keepMs };
    known = asking;
    try {
      return await asking.value;
    } catch (error) {
      if (known === asking) known = null;
      throw error;
    }
  };
}
