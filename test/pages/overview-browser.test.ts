/** The overview of the admin pages in Chromium. */

import { overviewPages } from '../support/pages/overview-samples.ts'
import { describeLooks } from '../support/pages/page-looks.ts'

describeLooks({ samples: overviewPages, form: 'overview-full' })
