import { serveFrames } from '../../format/frame-crew.ts';
import { writeFrame } from './write-frame.ts';

serveFrames(writeFrame);
