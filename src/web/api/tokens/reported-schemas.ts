/** The JSON of leak reports, in the format of GitHub's secret scanning partner program. */
import { z } from 'zod'

const text = z.string()

const LeakReport = z
  .array(
    z.object({
      token: text.max(1000).describe('The credential as it was found.'),
      type: text.max(200).optional().describe("The scanner's name for the type."),
      url: text
        .max(2000)
        .optional()
        .describe("URL where the credential was found. The owner's email names it without query and fragment."),
      source: text.max(200).optional().describe('Such as `content` or `commit`.'),
    }),
  )
  .min(1)
  .max(100)

const LeakReportAnswer = z
  .array(
    z.object({
      token_hash: text.describe('SHA-256 of the reported credential, base64.'),
      token_type: text.describe('The reported type.'),
      label: z
        .enum(['true_positive', 'false_positive'])
        .describe(
          '`true_positive`: it is a credential of ours, revoked where Gatehouse can; a secret of gatehouse.yaml must be changed there.',
        ),
    }),
  )
  .describe('An entry for each reported one, in the same order.')

export const reportedSchemas = { LeakReport, LeakReportAnswer } as const
