import { serveFrames } from '../format/frame-crew.ts';
import { printFrame } from './print-frame.ts';

serveFrames(printFrame);
