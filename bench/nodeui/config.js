// What the pages are told by their environment, in the words of upstream's reference pages.
const required = (name) => {
  const value = process.env[name];
  if (!value) {
    console.error(`${name} must be set`);
    process.exit(2);
  }
  return value;
};

module.exports = {
  host: process.env.HOST || "127.0.0.1",
  port: Number(process.env.PORT || 3000),
  kratosPublic: required("KRATOS_PUBLIC_URL"),
  kratosAdmin: required("KRATOS_ADMIN_URL"),
  kratosBrowser: required("KRATOS_BROWSER_URL"),
  hydraAdmin: required("HYDRA_ADMIN_URL"),
  cookieSecret: required("COOKIE_SECRET"),
};
