// `npm start`: the whole system at one address, until Ctrl-C. `-- --no-web` leaves out the web app (for headless clients).
import { launch } from './launch.ts';
import { command } from './refusal.ts';
import { serve } from './serve.ts';
import { readSettings } from './settings.ts';

const buildWeb = !process.argv.includes('--no-web');
await command(() => serve((signal) => launch({ ...readSettings(process.env), buildWeb, signal })));
