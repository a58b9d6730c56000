import { createContext, useContext, useEffect, useRef } from 'react';

// Takes the place of GraphiQL's tabs, which bring a library for dragging them, and put buttons into what they
// declare a tab. What these are is a list of buttons, of which one is current.
const Each = createContext({});

export function Tabs({ values, onReorder, className, ...props }) {
  return <ul {...props} className={`graphiql-tabs ${className}`} />;
}

export function Tab({ value, isActive, dragConstraints, ...props }) {
  const ref = useRef(null);
  useEffect(() => {
    if (isActive) ref.current.scrollIntoView({ block: 'nearest', inline: 'nearest' });
  }, [isActive]);
  return (
    <Each value={{ isActive, title: value.title }}>
      <li {...props} ref={ref} className={`graphiql-tab ${isActive ? 'graphiql-tab-active' : ''}`} />
    </Each>
  );
}

Tab.Button = function Button(props) {
  const { isActive } = useContext(Each);
  const className = 'graphiql-un-styled graphiql-tab-button';
  return <button {...props} type="button" className={className} aria-current={isActive ? 'true' : undefined} />;
};

Tab.Close = function Close(props) {
  const { title } = useContext(Each);
  return (
    <button
      {...props}
      type="button"
      className="graphiql-un-styled graphiql-tab-close"
      aria-label={`Close ${title}`}
    >
      <svg viewBox="0 0 12 12" stroke="currentColor" strokeWidth="2" aria-hidden="true">
        <path d="M1 1l10 10M11 1L1 11" />
      </svg>
    </button>
  );
};
