export { AuthScreen } from './auth-screen.tsx';
export { isReturning } from './evicted.ts';
