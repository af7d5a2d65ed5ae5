// `npm start`: the whole system at one address, until Ctrl-C.
import { launch } from './launch.ts';
import { command } from './refusal.ts';
import { serve } from './serve.ts';
import { readSettings } from './settings.ts';

await command(() => serve((signal) => launch({ ...readSettings(process.env), buildWeb: true, signal })));
