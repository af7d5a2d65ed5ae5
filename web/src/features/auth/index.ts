export { AuthScreen } from './auth-screen.tsx';
export { check } from './check.ts';
export { isReturning, noteLeft, remember } from './evicted.ts';
export { PasswordField } from './password-field.tsx';
export { PasswordStrength } from './strength.tsx';
