export { AuthScreen } from './auth-screen.tsx';
export { PasswordStrength } from './strength.tsx';
