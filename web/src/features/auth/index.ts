export { AuthScreen } from './auth-screen.tsx';
export { isReturning } from './evicted.ts';
export { PasswordStrength } from './strength.tsx';
