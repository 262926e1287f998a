/** An expression of metric math, or the rule of a composite alarm. */
export type Expression =
  | { kind: 'number'; value: number }
  | { kind: 'text'; value: string }
  | { kind: 'name'; name: string }
  | { kind: 'list'; items: Expression[] }
  | { kind: 'call'; name: string; given: Expression[] }
  | { kind: 'unary'; operator: '-' | 'NOT'; operand: Expression }
  | { kind: 'binary'; operator: BinaryOperator; left: Expression; right: Expression };

/** The operators between two operands; `&&` and `||` are read as AND and OR. */
export type BinaryOperator =
  | 'OR'
  | 'AND'
  | '=='
  | '!='
  | '<'
  | '<='
  | '>'
  | '>='
  | '+'
  | '-'
  | '*'
  | '/'
  | '^';

const BINDING: Readonly<Record<BinaryOperator, number>> = {
  ...{
    OR: 1,
    AND: 2,
    '==': 3,
    '!=': 3,
    '<': 4,
    '<=': 4,
    '>': 4,
    '>=': 4,
    '+': 5,
    '-': 5,
    '*': 6,
    '/': 6,
    '^': 8,
  },
};
const BINDING_OF_NOT = 2.5;
const BINDING_OF_MINUS = 7;

const SPACE = /^\s+/;
const TOKENS = {
  number: /^(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?/,
  text: /^(?:"([^"]*)"|'([^']*)')/,
  sign: /^(?:&&|\|\||[<>=!]=|[-+*/^<>(),[\]])/,
};
/** Metric math has short ids; a composite alarm's rule may name alarms, ARNs included, without quotes. */
const NAMES = { math: /^[A-Za-z_]\w*/, rule: /^[A-Za-z][\w:./-]*/ };

interface Token {
  kind: 'number' | 'text' | 'name' | 'sign' | 'end';
  text: string;
  at: number;
}

/**
 * Parses metric math (`language` math) or the AlarmRule of a composite alarm (rule). Which functions there are, and what
 * names mean, is not looked at.
 * Source: Amazon CloudWatch User Guide, "Using math expressions with CloudWatch metrics"; "PutCompositeAlarm" in the
 * API reference.
 * @throws Error that quotes the expression and tells the position of what does not fit
 */
export function parseExpression(source: string, language: 'math' | 'rule'): Expression {
  const tokens = tokensOf(source, NAMES[language]);
  let position = 0;
  const peek = (): Token => tokens[position] ?? { kind: 'end', text: '', at: source.length };
  const next = (): Token => {
    const token = peek();
    position += 1;
    return token;
  };
  const refuse = (token: Token): never => {
    const found = token.kind === 'end' ? 'the end' : token.text;
    throw new Error(`"${source}": ${found} at position ${token.at} does not fit there`);
  };
  const take = (sign: string) => {
    const token = next();
    if (token.kind !== 'sign' || token.text !== sign) refuse(token);
  };
  const takeList = (end: string): Expression[] => {
    const items: Expression[] = [];
    while (!isSign(peek(), end)) {
      if (items.length > 0) take(',');
      items.push(parse(0));
    }
    take(end);
    return items;
  };

  const parseOperand = (): Expression => {
    const token = next();
    if (token.kind === 'number') return { kind: 'number', value: Number(token.text) };
    if (token.kind === 'text') return { kind: 'text', value: token.text };
    if (token.kind === 'name') {
      if (token.text === 'NOT') return { kind: 'unary', operator: 'NOT', operand: parse(BINDING_OF_NOT) };
      if (operatorOf(token) !== null) refuse(token);
      if (!isSign(peek(), '(')) return { kind: 'name', name: token.text };
      take('(');
      return { kind: 'call', name: token.text, given: takeList(')') };
    }
    if (isSign(token, '-')) return { kind: 'unary', operator: '-', operand: parse(BINDING_OF_MINUS) };
    if (isSign(token, '[')) return { kind: 'list', items: takeList(']') };
    if (!isSign(token, '(')) return refuse(token);
    const inner = parse(0);
    take(')');
    return inner;
  };
  function parse(above: number): Expression {
    let left = parseOperand();
    for (;;) {
      const operator = operatorOf(peek());
      if (operator === null || BINDING[operator] <= above) return left;
      next();
      left = { kind: 'binary', operator, left, right: parse(BINDING[operator]) };
    }
  }

  const whole = parse(0);
  if (peek().kind !== 'end') refuse(peek());
  return whole;
}

function isSign(token: Token, sign: string): boolean {
  return token.kind === 'sign' && token.text === sign;
}

function operatorOf({ kind, text }: Token): BinaryOperator | null {
  if (kind !== 'sign' && kind !== 'name') return null;
  const operator = { '&&': 'AND', '||': 'OR' }[text] ?? text;
  return Object.hasOwn(BINDING, operator) ? (operator as BinaryOperator) : null;
}

function tokensOf(source: string, name: RegExp): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  while (at < source.length) {
    const rest = source.slice(at);
    const space = SPACE.exec(rest);
    const [kind, found] =
      Object.entries({ ...TOKENS, name })
        .map(([each, pattern]) => [each as Token['kind'], pattern.exec(rest)] as const)
        .find(([, match]) => match !== null) ?? [];
    if (space !== null) at += space[0].length;
    else if (kind !== undefined && found) {
      tokens.push({ kind, text: found[1] ?? found[2] ?? found[0], at });
      at += found[0].length;
    } else throw new Error(`"${source}": ${rest[0]} at position ${at} is not understood`);
  }
  return tokens;
}
