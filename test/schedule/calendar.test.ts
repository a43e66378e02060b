import { describe, expect, test } from 'vitest';
import {
  crontabSchedule,
  launchdIntervals,
  systemdCalendars,
} from '../../core/schedule/calendar.ts';

// test/system/timer-units.test.ts compares them with croner over a year.
describe('a cron expression', () => {
  test.each([
    ['0 3 * * *', ['*-*-* 03:00:00 UTC'], '0 3 * * *'],
    ['*/15 * * * *', ['*-*-* *:00,15,30,45:00 UTC'], '0,15,30,45 * * * *'],
    ['0 3 1 * 1', ['Mon *-*-* 03:00:00 UTC', '*-*-01 03:00:00 UTC'], '0 3 1 * 1'],
    ['0 3 * * */2', ['Sun,Tue,Thu,Sat *-*-* 03:00:00 UTC'], '0 3 * * 0,2,4,6'],
    ['15 1-5/2 * * FRI-SUN', ['Sun,Fri,Sat *-*-* 01,03,05:15:00 UTC'], '15 1,3,5 * * 0,5-6'],
    ['0 3 * jan-mar sun', ['Sun *-01..03-* 03:00:00 UTC'], '0 3 * 1-3 0'],
    ['0 3 * * 7', ['Sun *-*-* 03:00:00 UTC'], '0 3 * * 0'],
    ['5 4 */16 * 1', ['Mon *-*-* 04:05:00 UTC', '*-*-01,17 04:05:00 UTC'], '5 4 1,17 * 1'],
  ])('%s in the words of systemd and of cron', (schedule, calendars, crontab) => {
    expect(systemdCalendars(schedule, 'UTC')).toEqual(calendars);
    expect(crontabSchedule(schedule)).toBe(crontab);
  });

  test('as single times for launchd, either day where both are restricted', () => {
    expect(launchdIntervals('0 3 * * *')).toEqual([{ Hour: 3, Minute: 0 }]);
    expect(launchdIntervals('*/30 * * * *')).toEqual([{ Minute: 0 }, { Minute: 30 }]);
    expect(launchdIntervals('0 3 1 2 1,5')).toEqual([
      { Weekday: 1, Month: 2, Hour: 3, Minute: 0 },
      { Weekday: 5, Month: 2, Hour: 3, Minute: 0 },
      { Day: 1, Month: 2, Hour: 3, Minute: 0 },
    ]);
  });
});
