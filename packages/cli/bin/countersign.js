#!/usr/bin/env node
// The command's own file, so that npm can link it before anything is built.
import '../dist/bin.js';
