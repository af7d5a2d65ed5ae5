import './engine/trusted-types.ts';
import './ui/base.css';
import { render } from 'solid-js/web';
import { App } from './app/app.tsx';
import { keepUpToDate } from './app/install.ts';
import { followKeyboard } from './app/viewport.ts';
import { reportErrors } from './engine/error-reports.ts';
import { applyLanguage } from './language/page.ts';
import { applyAppearance } from './ui/appearance.ts';

reportErrors();
applyLanguage();
applyAppearance();
followKeyboard();
keepUpToDate();
const root = document.getElementById('app');
if (!root) throw new Error('index.html has no #app.');
render(() => <App />, root);
