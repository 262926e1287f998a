import { LAPTOP_ACCOUNT, LAPTOP_REGION } from '../assembly/laptop-account.ts';

/** The ARN of something of the laptop's own account and region. */
export function laptopArn(service: string, what: string): string {
  return `arn:aws:${service}:${LAPTOP_REGION}:${LAPTOP_ACCOUNT}:${what}`;
}
