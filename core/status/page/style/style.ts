import { BASE } from './base.ts';
import { COLOURS } from './colours.ts';
import { DATABASE } from './database.ts';
import { OVERVIEW } from './overview.ts';

/** The one style sheet, as it stands in every page: the policy of the pages names it by its hash. */
export const STYLE = [COLOURS, BASE, OVERVIEW, DATABASE].join('').trim().replaceAll('\n', '');
