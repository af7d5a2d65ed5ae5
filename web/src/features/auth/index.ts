export { AuthScreen } from './auth-screen.tsx';
export { check } from './check.ts';
export { isReturning, noteLeft, remember } from './evicted.ts';
export { EmailField, PasswordField } from './fields.tsx';
export { KeyProgress } from './key-progress.tsx';
export { PasswordStrength } from './strength.tsx';
