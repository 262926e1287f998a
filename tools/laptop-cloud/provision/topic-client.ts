import { LAPTOP_REGION } from '../assembly/laptop-account.ts';
import { LAPTOP_ACCESS_KEY } from './aws-clients.ts';

/** Calls SNS by its query protocol; rejects with SNS's own words. */
export type TopicClient = (action: string, parameters: Readonly<Record<string, string>>) => Promise<void>;

/**
 * A client of the emulator at `url`. SNS is called here and nowhere else in the project, and its protocol is a form, so
 * no SDK is needed. The signature is empty, which the emulator does not look at.
 * Source: Amazon SNS API Reference, "Making API requests".
 */
export function createTopicClient(url: string): TopicClient {
  const scope = `${LAPTOP_ACCESS_KEY}/19700101/${LAPTOP_REGION}/sns/aws4_request`;
  return async (action, parameters) => {
    const response = await fetch(`${url}/`, {
      method: 'POST',
      headers: {
        'content-type': 'application/x-www-form-urlencoded',
        authorization: `AWS4-HMAC-SHA256 Credential=${scope}, SignedHeaders=host, Signature=0`,
      },
      body: new URLSearchParams({ Action: action, Version: '2010-03-31', ...parameters }),
    });
    const answer = await response.text();
    if (!response.ok) throw new Error(`SNS ${action} was refused with ${response.status}: ${answer}`);
  };
}
