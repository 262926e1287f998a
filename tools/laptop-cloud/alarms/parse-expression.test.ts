import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Expression, parseExpression } from './parse-expression.ts';

/** An expression with every bracket written out. */
function write(expression: Expression): string {
  switch (expression.kind) {
    case 'number':
      return String(expression.value);
    case 'text':
      return `"${expression.value}"`;
    case 'name':
      return expression.name;
    case 'list':
      return `[${expression.items.map(write).join(', ')}]`;
    case 'call':
      return `${expression.name}(${expression.given.map(write).join(', ')})`;
    case 'unary':
      return `(${expression.operator === 'NOT' ? 'NOT ' : '-'}${write(expression.operand)})`;
    case 'binary':
      return `(${write(expression.left)} ${expression.operator} ${write(expression.right)})`;
  }
}

describe('metric math', () => {
  it.each([
    ['m1/m2', '(m1 / m2)'],
    ['m1-m2-1', '((m1 - m2) - 1)'],
    ['m1 + m2 * 100', '(m1 + (m2 * 100))'],
    ['(m1+m2)*100', '((m1 + m2) * 100)'],
    ['-m1+2', '((-m1) + 2)'],
    ['1.5e3*.5', '(1500 * 0.5)'],
    ['m1 > 1 AND m2 <= 2 || m3 == 0', '(((m1 > 1) AND (m2 <= 2)) OR (m3 == 0))'],
    ['SUM([m1, FILL(m2, 0)])', 'SUM([m1, FILL(m2, 0)])'],
    ["IF(m1>10, m2/m1, 0) + METRICS('x')", '(IF((m1 > 10), (m2 / m1), 0) + METRICS("x"))'],
    ['METRICS()', 'METRICS()'],
  ])('%s is read as %s', (source, read) => {
    expect(write(parseExpression(source, 'math'))).toBe(read);
  });

  it.each([
    ['', 'the end at position 0'],
    ['m1 +', 'the end at position 4'],
    ['m1 m2', 'm2 at position 3'],
    ['SUM(m1', 'the end at position 6'],
    ['SUM(m1 m2)', 'm2 at position 7'],
    ['(m1]', '] at position 3'],
    ['m1 $ 2', '$ at position 3'],
    ['* m1', '* at position 0'],
    ['AND', 'AND at position 0'],
  ])('%s is refused: %s', (source, what) => {
    expect(() => parseExpression(source, 'math')).toThrow(what);
  });
});

describe('the rule of a composite alarm', () => {
  it.each([
    ['ALARM("a b") OR ALARM(\'c\')', '(ALARM("a b") OR ALARM("c"))'],
    ['NOT ALARM("a") AND OK(b)', '((NOT ALARM("a")) AND OK(b))'],
    [
      'ALARM(arn:aws:cloudwatch:us-east-1:000000000000:alarm:one-two) AND TRUE',
      '(ALARM(arn:aws:cloudwatch:us-east-1:000000000000:alarm:one-two) AND TRUE)',
    ],
    [
      '(ALARM("a") OR FALSE) AND INSUFFICIENT_DATA("b")',
      '((ALARM("a") OR FALSE) AND INSUFFICIENT_DATA("b"))',
    ],
  ])('%s is read as %s', (source, read) => {
    expect(write(parseExpression(source, 'rule'))).toBe(read);
  });
});

const name = fc.constantFrom('m1', 'm2', 'e1');
const { anyExpression } = fc.letrec<{ anyExpression: Expression }>((tie) => ({
  anyExpression: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.record({ kind: fc.constant('name' as const), name }),
    fc.record({ kind: fc.constant('number' as const), value: fc.integer({ min: 0, max: 99 }) }),
    fc.record({
      kind: fc.constant('binary' as const),
      operator: fc.constantFrom('OR', 'AND', '==', '<', '>=', '+', '-', '*', '/', '^'),
      left: tie('anyExpression'),
      right: tie('anyExpression'),
    }),
    fc.record({
      kind: fc.constant('unary' as const),
      operator: fc.constantFrom('-', 'NOT'),
      operand: tie('anyExpression'),
    }),
    fc.record({
      kind: fc.constant('call' as const),
      name: fc.constantFrom('SUM', 'IF'),
      given: fc.array(tie('anyExpression'), { maxLength: 3 }),
    }),
  ),
}));

it('reads back any expression that it is told with every bracket', () => {
  fc.assert(
    fc.property(anyExpression, (expression) => {
      expect(parseExpression(write(expression), 'math')).toEqual(expression);
    }),
  );
});
