// The whole matrix: our validator against Unbound and delv in every question.

import { wholeMatrix } from '../matrix/cases.js';
import { matrixSuite } from '../matrix/suite.js';

matrixSuite('the agreement of validators in all', wholeMatrix);
