import { ErrorReport } from '../error-report.ts';
import { route } from './route.ts';

export const reportError = route({
  method: 'POST',
  path: '/errors',
  summary:
    'Tell the operator of an error in the app: its class and where in the code, nothing else; goes to the log and, where that is set up, to Sentry',
  auth: false,
  body: ErrorReport,
  status: 204,
  problems: ['rate-limited'],
});
