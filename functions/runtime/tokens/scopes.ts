/** What a token may allow. */
export const scopeNames = ['read', 'submit', 'operate', 'admin'] as const;

/** See {@link scopeNames}. */
export type Scope = (typeof scopeNames)[number];

/**
 * What each scope allows. `read` and `submit` stand alone, so that a service that only hands in work cannot read the
 * results of others; operators need both; `admin` is everything.
 */
const allowedBy: Readonly<Record<Scope, readonly Scope[]>> = {
  read: ['read'],
  submit: ['submit'],
  operate: ['operate', 'read', 'submit'],
  admin: scopeNames,
};

/** Whether a token with these scopes may do what `needed` guards. */
export function allows(scopes: readonly Scope[], needed: Scope): boolean {
  return scopes.some((scope) => allowedBy[scope].includes(needed));
}
