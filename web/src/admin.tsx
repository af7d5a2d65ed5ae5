import './engine/trusted-types.ts';
import './ui/base.css';
import { render } from 'solid-js/web';
import { reportErrors } from './engine/error-reports.ts';
import { AdminApp } from './features/admin/index.ts';
import { applyLanguage } from './language/page.ts';
import { applyAppearance } from './ui/appearance.ts';

reportErrors();
applyLanguage();
applyAppearance();
const root = document.getElementById('app');
if (!root) throw new Error('admin/index.html has no #app.');
render(() => <AdminApp />, root);
