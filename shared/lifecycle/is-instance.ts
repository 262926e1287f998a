/** `instanceof` for anything that was thrown: on a revoked proxy the operator itself throws. Never throws. */
export function isInstance<Value>(
  thrown: unknown,
  type: abstract new (...args: never[]) => Value,
): thrown is Value {
  try {
    return thrown instanceof type;
  } catch {
    return false;
  }
}
