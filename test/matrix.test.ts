// Our validator against Unbound and delv, over zones of every kind that BIND's and ldns's tools can sign or that an
// edit can break, served by named and by NSD. The whole matrix runs in the long suite.

import { shortMatrix } from './matrix/cases.js';
import { matrixSuite } from './matrix/suite.js';

matrixSuite('the agreement of validators', shortMatrix);
