/** The account that MiniStack plays, and how to reach it; plain data, because it crosses to the processes of tests. */
export interface EmulatedAccount {
  /** Where every service answers, without a slash at the end. */
  readonly endpoint: string;
  /** The file with the certificate of the endpoint, which no authority has signed. */
  readonly certificate: string;
  /** The `python` of MiniStack's virtual environment, which has botocore. */
  readonly python: string;
}

/** MiniStack's own. */
export const emulatedAccountId = '000000000000';

/** The region of the stages that tests deploy. */
export const emulatedRegion = 'us-east-1';

/** The variables with which every client of AWS, of whatever language, calls the emulated account as its root. */
export function awsVariables({ endpoint, certificate }: EmulatedAccount): Record<string, string> {
  return {
    AWS_ENDPOINT_URL: endpoint,
    AWS_REGION: emulatedRegion,
    AWS_DEFAULT_REGION: emulatedRegion,
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
    // What the developer has set up for real accounts is none of this one's.
    AWS_CONFIG_FILE: '/dev/null',
    AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
    AWS_CA_BUNDLE: certificate,
    NODE_EXTRA_CA_CERTS: certificate,
  };
}

/** This process's environment with nothing in it that could lead to a real account. */
export function emulatedEnvironment(account: EmulatedAccount): NodeJS.ProcessEnv {
  const own = Object.entries(process.env).filter(([name]) => !name.startsWith('AWS_'));
  return { ...Object.fromEntries(own), ...awsVariables(account) };
}
