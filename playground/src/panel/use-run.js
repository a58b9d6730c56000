import { useGraphiQL } from '@graphiql/react';
import { useLayoutEffect, useSyncExternalStore } from 'react';
import { runs } from '../runs.js';

/** What was run in GraphiQL's present tab. */
export function useRun() {
  const tab = useGraphiQL(({ tabs, activeTabIndex }) => tabs[activeTabIndex]?.id);
  useLayoutEffect(() => {
    runs.tab = tab;
  }, [tab]);
  return useSyncExternalStore(runs.subscribe, () => runs.of(tab));
}

/** How many images of an answer are shown. */
export const picturesIn = ({ sections }) =>
  sections.flatMap(({ sheets }) => sheets).reduce((sum, { images }) => sum + images.length, 0);
