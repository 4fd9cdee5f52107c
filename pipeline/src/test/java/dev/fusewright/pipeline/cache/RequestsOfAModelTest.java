/*
 * Copyright the Fusewright authors.
 *
 * Licensed under the Apache License, Version 2.0 (the "License"); you may not use this file except
 * in compliance with the License. You may obtain a copy of the License at
 *
 *     http://www.apache.org/licenses/LICENSE-2.0
 *
 * Unless required by applicable law or agreed to in writing, software distributed under the License
 * is distributed on an "AS IS" BASIS, WITHOUT WARRANTIES OR CONDITIONS OF ANY KIND, either express
 * or implied. See the License for the specific language governing permissions and limitations under
 * the License.
 */
package dev.fusewright.pipeline.cache;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fusewright.core.testing.UsesServers;
import dev.fusewright.io.servers.FaultyNetwork;
import dev.fusewright.io.servers.S3Server;
import dev.fusewright.io.storage.Location;
import dev.fusewright.io.storage.ScratchSpace;
import dev.fusewright.io.storage.StorageConfiguration;
import dev.fusewright.io.storage.Store;
import dev.fusewright.io.storage.Stores;
import dev.fusewright.pipeline.ExampleModels;
import dev.fusewright.pipeline.model.FuseModel;
import dev.fusewright.pipeline.model.FuseRequest;
import dev.fusewright.pipeline.settings.FuseSettings;
import dev.fusewright.pipeline.settings.SettingFields;
import dev.fusewright.pipeline.settings.VerifyLevel;
import dev.fusewright.pipeline.verification.NoVerifier;
import dev.fusewright.report.Outcome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How many requests a model takes on S3, counted between us and a server. */
@UsesServers
final class RequestsOfAModelTest {
  private static final FuseSettings UNPROVEN =
      FuseSettings.defaults().with(SettingFields.VERIFY_LEVEL, VerifyLevel.NONE);
  private static final int MODELS = 10;

  @TempDir Path folder;

  private static Outcome fuse(Incremental flow, String name) {
    return flow.fuse(
            FuseRequest.of(
                Location.of("s3a://zoo/" + name),
                Location.of("s3a://fused/" + name),
                FuseRequest.Placement.BESIDE,
                UNPROVEN))
        .getOutcome();
  }

  @Test
  void a_new_model_takes_four_and_its_receipt_a_share_of_one() throws Exception {
    S3Server.provideCredentials();
    Path blobs = Files.createDirectory(folder.resolve("blobs"));
    FaultyNetwork.Plan noFaults = new FaultyNetwork.Plan(0, 1, List.of(), 0);
    try (S3Server server = S3Server.start(blobs).withBucket("zoo").withBucket("fused");
        FaultyNetwork network = FaultyNetwork.before(server.endpoint(), noFaults)) {
      Store store = Stores.of(StorageConfiguration.of(S3Server.properties(network.endpoint())));
      for (int i = 0; i <= MODELS; i++) {
        String model = i % 2 == 0 ? "mlp_bn" : "nothing_to_fuse";
        store.publish(ExampleModels.variant(model, i), Location.of("s3a://zoo/m%d".formatted(i)));
      }
      Incremental flow = flow(store);
      fuse(flow, "m0");

      long before = network.requests();
      for (int i = 1; i <= MODELS; i++) {
        assertThat(fuse(flow, "m" + i)).isIn(Outcome.FUSED, Outcome.NOTHING_TO_FUSE);
      }
      assertThat(network.requests() - before)
          .as("HEAD and GET of the source, PUT and HEAD of the output")
          .isEqualTo(4 * MODELS);

      long receipts = network.requests();
      flow.writeReceipts();
      assertThat(network.requests() - receipts)
          .as("a batch, and what the store says of it")
          .isLessThanOrEqualTo(2);

      Incremental next = flow(store);
      fuse(next, "m0");
      long unchanged = network.requests();
      for (int i = 1; i <= MODELS; i++) {
        assertThat(fuse(next, "m" + i)).isEqualTo(Outcome.UNCHANGED);
      }
      assertThat(network.requests() - unchanged)
          .as("for the source and the output of each, where it was not settled before")
          .isEqualTo(2 * MODELS);
    }
  }

  private Incremental flow(Store store) throws IOException {
    Path scratch = Files.createDirectories(folder.resolve("scratch"));
    return new Incremental(
        new FuseModel(store, NoVerifier.INSTANCE, ScratchSpace.unlimited(scratch)),
        ActionCache.below(store, Location.of("s3a://fused/reports")),
        CacheLookup.Trust.EVERY_RUN);
  }
}
