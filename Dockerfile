# Florin without the face engine. Not built in CI, which has no Docker: its commands are tried by hand (docs/operations.md).
FROM mcr.microsoft.com/dotnet/sdk:10.0-noble AS build
# The pages' scripts and styles are bundled by Node.js, from a lock file.
COPY --from=node:22-bookworm-slim /usr/local/bin/node /usr/local/bin/node
COPY --from=node:22-bookworm-slim /usr/local/lib/node_modules/npm /usr/local/lib/node_modules/npm
RUN ln -s ../lib/node_modules/npm/bin/npm-cli.js /usr/local/bin/npm
WORKDIR /src
COPY global.json Directory.Build.props Directory.Packages.props BannedSymbols.txt .editorconfig .globalconfig ./
COPY src/Florin/Florin.csproj src/Florin/packages.lock.json src/Florin/
RUN dotnet restore src/Florin --locked-mode
COPY src/Florin src/Florin
# Analysers and style are the business of whoever changes the code.
RUN dotnet publish src/Florin --configuration Release --no-restore --output /app -p:RunAnalyzers=false

FROM mcr.microsoft.com/dotnet/aspnet:10.0-noble
# pg_dump and pg_restore, for backup and restore. They serve PostgreSQL up to their own version, 16.
RUN apt-get update \
    && apt-get install --yes --no-install-recommends postgresql-client-16 \
    && rm -rf /var/lib/apt/lists/* \
    && install --directory --owner="$APP_UID" --mode=700 /data
COPY --from=build /app /app
WORKDIR /app
# A platform that says by PORT where it expects us overrides this one. A sandbox listens there for this container alone, unless FLORIN_SANDBOX_OPEN=true.
# The youngest generation is as in ./run.
ENV PORT=8000 \
    FLORIN_DATA=/data \
    FLORIN_FACE_ENGINE=off \
    DOTNET_GCgen0size=0xC00000
USER $APP_UID
VOLUME /data
EXPOSE 8000
# Without curl in the image: bash speaks enough HTTP.
HEALTHCHECK --interval=15s --timeout=5s --start-period=60s \
    CMD ["bash", "-c", "exec 3<>/dev/tcp/127.0.0.1/$PORT && printf 'GET /health/ready HTTP/1.0\\r\\nHost: localhost\\r\\n\\r\\n' >&3 && grep -q '^HTTP/1.1 200' <&3"]
ENTRYPOINT ["dotnet", "Florin.dll"]
CMD ["serve"]
