import type { WantedToken } from '#tools/cli/issue-token.ts';

/** A running Celeriac whose stories are told through HTTP: a laptop cloud, or a stage that was deployed for tests. */
export interface Target {
  /** Of the API, without a slash at the end. */
  readonly url: string;
  /** A bearer token with every scope. */
  readonly token: string;
  /** Whose tasks the token sees. On a stage that files share, each file's own. */
  readonly tenant: string;
  /** The stand-in that the target's workers take for Mapbox. */
  readonly mapboxUrl: string;
  /** Makes a token of whatever tenant and scopes. */
  issueToken(wanted: WantedToken): Promise<string>;
  /** The target's time in milliseconds since the epoch. */
  now(): number;
  /** Lets seconds pass: moves the clock where there is one to move, else waits. */
  passTime(seconds: number): Promise<void>;
}
