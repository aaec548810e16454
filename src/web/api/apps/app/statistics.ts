/** `/api/v1/app/statistics`: sign-ins to the calling app. */
import { signInStatistics } from '../../../../broker/apps/sign-in-statistics.ts'
import { answer, apiRoute } from '../../route.ts'
import { schemas } from '../../schemas.ts'

export const statisticsRoute = apiRoute('getAppStatistics', 'get', '/api/v1/app/statistics', {
  caller: 'app',
  permission: 'none',
  summary: 'Get the sign-ins to the calling app by day',
  description: 'Counts are stored within five seconds. A process that is killed loses those it had not stored.',
  answer: answer(200, 'The last 30 days (UTC), oldest first.', schemas.AppStatistics, {
    days: [{ day: '2026-11-29', signIns: 41, refusals: 2 }],
  }),
  handler: async ({ shell, caller }) => ({ days: await signInStatistics(shell.parts, caller.app.id) }),
})
