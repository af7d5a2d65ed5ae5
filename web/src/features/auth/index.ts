export { AuthScreen } from './auth-screen.tsx';
export { isReturning, noteLeft } from './evicted.ts';
export { PasswordStrength } from './strength.tsx';
