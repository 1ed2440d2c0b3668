using Florin.Webhooks;
using Microsoft.EntityFrameworkCore;

namespace Florin.Platform;

/// <summary>The webhooks' part of the context. Lanes and secrets are read and written by statements of their own.</summary>
public sealed partial class FlorinDb
{
    /// <summary>Endpoints of all merchants, deleted ones included.</summary>
    internal DbSet<WebhookEndpoint> WebhookEndpoints => Set<WebhookEndpoint>();

    /// <summary>Events for endpoints.</summary>
    internal DbSet<Delivery> Deliveries => Set<Delivery>();

    /// <summary>Tries.</summary>
    internal DbSet<DeliveryAttempt> DeliveryAttempts => Set<DeliveryAttempt>();

    static partial void MapWebhooks(ModelBuilder model)
    {
        model.Entity<WebhookEndpoint>(endpoint =>
        {
            endpoint.ToTable("endpoints", "webhooks");
            endpoint.Property(e => e.Id).ValueGeneratedNever();
            endpoint.Ignore(e => e.PublicId);
        });
        model.Entity<Delivery>(delivery =>
        {
            delivery.ToTable("deliveries", "webhooks");
            delivery.HasKey(d => new { d.EndpointId, d.Id });
        });
        model.Entity<DeliveryAttempt>(attempt =>
        {
            attempt.ToTable("attempts", "webhooks");
            attempt.HasKey(a => new
            {
                a.EndpointId,
                a.DeliveryId,
                a.Number,
            });
        });
    }
}
