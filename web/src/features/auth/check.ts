import { m } from '../../language/index.ts';

export interface Account {
  readonly email: string;
  readonly password: string;
  readonly name: string;
  readonly code: string;
}
/** What the form is for: coming in by a name alone, a new account, an account that one has, or one whose password is forgotten. */
export type Mode = 'guest' | 'register' | 'sign-in' | 'recover';
export type Problems = Partial<Record<keyof Account | 'form', string>>;

const emailShape = /^[^\s@]+@[^\s@]+\.[^\s@]+$/;
/** Characters. Also held by whoever else makes accounts: a short password is all that stands before the keys. */
const shortest = 8;

/** What keeps a form from being sent, a sentence per field; empty when nothing does. */
export function check(account: Account, mode: Mode): Problems {
  const problems: Problems = {};
  if ((mode === 'register' || mode === 'guest') && !account.name.trim()) problems.name = m.auth_nameMissing();
  if (mode === 'guest') return problems;
  if (!account.email.trim()) problems.email = m.auth_emailMissing();
  else if (!emailShape.test(account.email.trim())) problems.email = m.auth_emailInvalid();
  if (!account.password) problems.password = m.auth_passwordMissing();
  if (mode === 'sign-in') return problems;
  if (mode === 'recover' && !account.code.trim()) problems.code = m.auth_codeMissing();
  if (account.password && [...account.password].length < shortest) problems.password = m.auth_passwordShort();
  return problems;
}

/** Puts the service's refusal beside the field that it is about; two of them in our own words, with the way on. */
export function place(reason: string | undefined, sentence: string, mode: Mode): Problems {
  switch (reason) {
    case 'email-taken':
      return { email: m.auth_emailTaken() };
    case 'wrong-credentials':
      return mode === 'recover' ? { code: sentence } : { password: m.auth_wrongCredentials() };
    case 'bad-code':
      return { code: sentence };
    default:
      return { form: sentence };
  }
}
