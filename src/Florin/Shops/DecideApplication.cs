using System.ComponentModel.DataAnnotations;
using Florin.Activity;
using Florin.Identity;
using Florin.Ledger;
using Florin.Platform;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace Florin.Shops;

/// <summary>
/// <c>POST /v1/shop-applications/{id}/approve</c> and <c>…/refuse</c>: an admin opens the shop and makes the person a merchant, or does not. They are told.
/// </summary>
internal static class DecideApplication
{
    /// <param name="Note">Up to 200 characters for the applicant.</param>
    public sealed record Request([property: StringLength(200)] string? Note = null);

    public static void Map(RouteGroupBuilder routes)
    {
        routes.MapPost("/{id}/approve", ApproveAsync).RequireAuthorization(Policies.Admin).Produces<ShopApplicationView>();
        routes.MapPost("/{id}/refuse", RefuseAsync).RequireAuthorization(Policies.Admin).Produces<ShopApplicationView>();
    }

    private static Task<IResult> ApproveAsync(string id, Request request, Decision decision, HttpContext http, Caller caller, CancellationToken cancel) =>
        decision.MakeAsync(id, request, approve: true, http, caller, cancel);

    private static Task<IResult> RefuseAsync(string id, Request request, Decision decision, HttpContext http, Caller caller, CancellationToken cancel) =>
        decision.MakeAsync(id, request, approve: false, http, caller, cancel);

    /// <summary>Decides an application once.</summary>
    internal sealed class Decision(
        FlorinDb db,
        People people,
        Idempotency idempotency,
        GeneralLedger ledger,
        ActivityLog activity,
        Secrets secrets,
        Settings settings,
        TimeProvider clock
    )
    {
        /// <exception cref="Refusal"><c>not_found</c>, <c>application_decided</c>, <c>own_roles</c></exception>
        public async Task<IResult> MakeAsync(string id, Request request, bool approve, HttpContext http, Caller caller, CancellationToken cancel)
        {
            var key = idempotency.Require(http, caller.Person, request);
            var which = Ids.Read(ShopApplication.Prefix, id);
            var application =
                await db.ShopApplications.AsNoTracking().SingleOrDefaultAsync(one => one.Id == which, cancel) ?? throw PlatformRefusals.NotFound.With();
            if (application.PersonId == caller.Person)
            {
                throw CredentialRefusals.OwnRoles.With();
            }

            var now = clock.GetUtcNow();
            var note = request.Note?.Trim() is { Length: > 0 } written ? Names.Clean(written, "note", 200, lines: false) : null;
            var shop = approve ? Shop.Draw(application.PersonId, application.Name, settings.DefaultCurrency, now) : null;
            var decided = Decided(application, shop, caller.Person, note, now);
            var commit = new LedgerCommit
            {
                Key = key,
                Rows = { Decide(decided) },
                Complete = _ => Answer.Json(200, ShopApplicationView.Of(decided)),
            };
            if (shop is not null)
            {
                commit.Inserts.Add(Shop.Shape.Row(shop));
                commit.Rows.Add(PersonRoles.Grant(application.PersonId, Roles.Merchant, now));
            }

            var action = approve ? "shops.application_approved" : "shops.application_refused";
            commit.Inserts.Add(
                ActivityLog.Row(
                    activity.Entry(
                        http,
                        action,
                        application.PersonId,
                        new
                        {
                            application = id,
                            shop = shop?.PublicId,
                            note,
                        }
                    )
                )
            );
            if ((await people.FindAsync(application.PersonId, cancel))?.ProvenContact() is var (channel, to))
            {
                var values = new Dictionary<string, string>(StringComparer.Ordinal) { ["shop"] = application.Name, ["note"] = note ?? "" };
                var message = new MessageRequest(channel, to, approve ? "shop_approved" : "shop_refused", values);
                commit.Inserts.Add(Outbox.Row(message.Event(secrets, application.PersonId)));
            }

            return (await ledger.CommitAsync(commit)).Required;
        }

        private static ShopApplication Decided(ShopApplication application, Shop? shop, Guid by, string? note, DateTimeOffset now) =>
            new()
            {
                Id = application.Id,
                PersonId = application.PersonId,
                Name = application.Name,
                CreatedAt = application.CreatedAt,
                State = shop is null ? ShopApplication.Refused : ShopApplication.Approved,
                ShopId = shop?.Id,
                DecidedBy = by,
                DecidedAt = now,
                Note = note,
            };

        // Before the shop is inserted: the constraint is looked at when the transaction ends.
        private static RowChange Decide(ShopApplication decided) =>
            new(
                "update shops.applications set state = $2, shop_id = $3, decided_by = $4, decided_at = $5, note = $6 where id = $1 and state = 'pending'",
                [
                    new NpgsqlParameter<Guid> { TypedValue = decided.Id },
                    new NpgsqlParameter<string> { TypedValue = decided.State },
                    new NpgsqlParameter<Guid?> { TypedValue = decided.ShopId, NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Uuid },
                    new NpgsqlParameter<Guid> { TypedValue = decided.DecidedBy!.Value },
                    new NpgsqlParameter<DateTime> { TypedValue = decided.DecidedAt!.Value.UtcDateTime },
                    new NpgsqlParameter<string?> { TypedValue = decided.Note, NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Text },
                ],
                Rows: 1,
                ShopsRefusals.ApplicationDecided,
                "shops.applications",
                decided.Id
            );
    }
}
