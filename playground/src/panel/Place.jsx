import { valueOf } from '../answer/typed.js';

/** Where a picture was taken. A map would be another server's. */
export function Place({ location }) {
  const of = (name) => valueOf(location, name);
  const [latitude, longitude, altitude, direction] = ['latitude', 'longitude', 'altitude', 'direction'].map(of);
  const parts = [
    latitude !== undefined && degrees(latitude, 'N', 'S'),
    longitude !== undefined && degrees(longitude, 'E', 'W'),
    altitude != null && `${altitude.toFixed(0)} m`,
    direction != null && `towards ${direction.toFixed(0)}°`,
  ].filter(Boolean);
  return (
    <p className="place">
      <svg viewBox="0 0 12 16" aria-hidden="true">
        <path d="M6 0a6 6 0 0 0-6 6c0 4 6 10 6 10s6-6 6-10a6 6 0 0 0-6-6zm0 8a2 2 0 1 1 0-4 2 2 0 0 1 0 4z" />
      </svg>
      {parts.join(', ')}
    </p>
  );
}

const degrees = (value, positive, negative) => `${Math.abs(value).toFixed(5)}° ${value < 0 ? negative : positive}`;
