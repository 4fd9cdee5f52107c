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
package dev.fusewright.io.storage;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.s3a.S3AFileSystem;
import org.apache.hadoop.fs.s3a.WriteOperationHelper;
import org.apache.hadoop.fs.s3a.api.RequestFactory;
import org.apache.hadoop.fs.s3a.impl.PutObjectOptions;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.CompletedPart;
import software.amazon.awssdk.services.s3.model.CopyObjectRequest;
import software.amazon.awssdk.services.s3.model.HeadObjectResponse;
import software.amazon.awssdk.services.s3.model.StorageClass;
import software.amazon.awssdk.services.s3.model.UploadPartCopyRequest;

/**
 * Requests to S3 that Hadoop's {@code FileSystem} has no operation for: objects that the server
 * copies, and uploads of which it copies parts. They go through S3A's own client, which signs and
 * retries them, and carry what S3A is configured to set on objects that it writes: encryption,
 * access list and storage class.
 *
 * <p>The server copies the version that was seen and no other. Safe for use by several threads.
 */
final class S3Objects {
  private static final Logger LOG = LoggerFactory.getLogger(S3Objects.class);

  /** Size of a part, except the last: S3's own limits. */
  static final long LEAST_PART = 5L << 20;

  static final long MOST_PART = 5L << 30;

  /** Parts of an upload: S3's own limit. */
  static final int MOST_PARTS = 10_000;

  /** More than this is copied in parts, though S3 takes 5 GiB: each answer comes within minutes. */
  static final long MOST_AT_ONCE = 1L << 30;

  /** Size of those parts. */
  static final long COPIED_PART = 512L << 20;

  private static final String OCTETS = "application/octet-stream";

  /** Settings of S3A that say whose server a bucket is on, and as whom it is asked. */
  private static final List<String> WHERE_AND_WHO =
      List.of(
          "fs.s3a.endpoint",
          "fs.s3a.endpoint.region",
          "fs.s3a.endpoint.fips",
          "fs.s3a.path.style.access",
          "fs.s3a.aws.credentials.provider",
          "fs.s3a.access.key",
          "fs.s3a.assumed.role.arn");

  private final S3AFileSystem files;
  private final long mostAtOnce;
  private final long copiedPart;

  private S3Objects(S3AFileSystem files, long mostAtOnce, long copiedPart) {
    this.files = files;
    this.mostAtOnce = mostAtOnce;
    this.copiedPart = copiedPart;
  }

  /** The same, where smaller objects are copied in parts. */
  S3Objects copying(long most, long part) {
    return new S3Objects(files, most, part);
  }

  /**
   * Objects of the target's bucket, if their server can copy from the source's to them: both are
   * S3A's, on the same endpoint with the same credentials, and neither is encrypted with a key that
   * the server does not keep.
   */
  static Optional<S3Objects> between(FileSystem source, FileSystem target) {
    return source instanceof S3AFileSystem from
            && target instanceof S3AFileSystem to
            && serverKeepsKeys(from)
            && serverKeepsKeys(to)
            && (from.getBucket().equals(to.getBucket())
                || isSameServer(from.getConf(), to.getConf()))
        ? Optional.of(new S3Objects(to, MOST_AT_ONCE, COPIED_PART))
        : Optional.empty();
  }

  private static boolean serverKeepsKeys(S3AFileSystem files) {
    return switch (files.getS3EncryptionAlgorithm()) {
      case NONE, SSE_S3, SSE_KMS, DSSE_KMS -> true;
      case SSE_C, CSE_KMS, CSE_CUSTOM -> false;
    };
  }

  private static boolean isSameServer(Configuration one, Configuration other) {
    return WHERE_AND_WHO.stream().allMatch(key -> Objects.equals(one.get(key), other.get(key)));
  }

  /**
   * Copies an object on the server; the copy appears as a whole.
   *
   * @param source as it was seen, with its etag
   * @throws ReplacedFileException if the source is another one now
   */
  void copy(StoredFile source, Location target) throws IOException {
    if (source.bytes() > mostAtOnce) {
      copyInParts(source, target);
      return;
    }
    String etag = requireEtag(source);
    String key = key(target);
    try (WriteOperationHelper requests = requests(target)) {
      CopyObjectRequest request =
          requests
              .getRequestFactory()
              .newCopyObjectRequestBuilder(
                  key(source.location()), key, asCreated(source, requests.getRequestFactory()))
              .sourceBucket(source.location().authority())
              .copySourceIfMatch(etag)
              .build();
      requests.retry(
          "copy",
          key,
          /* idempotent= */ true,
          () -> client().copyObject(request).copyObjectResult());
    } catch (IOException e) {
      throw replacement(source, e);
    }
  }

  private void copyInParts(StoredFile source, Location target) throws IOException {
    try (Upload upload = begin(target)) {
      int number = 1;
      for (long offset = 0; offset < source.bytes(); offset += copiedPart) {
        upload.copy(number++, source, offset, Math.min(copiedPart, source.bytes() - offset));
      }
      upload.complete();
    }
  }

  /** What S3A would set on the object if it wrote it: nothing of it is the source's. */
  private static HeadObjectResponse asCreated(StoredFile source, RequestFactory factory) {
    StorageClass storageClass = factory.getStorageClass();
    return HeadObjectResponse.builder()
        .contentLength(source.bytes())
        .contentType(OCTETS)
        .contentEncoding(factory.getContentEncoding())
        .storageClass(storageClass)
        .metadata(Map.of())
        .build();
  }

  /**
   * Begins an upload in parts. Nobody sees it before it is completed; one that is not is aborted
   * when it is closed.
   */
  Upload begin(Location target) throws IOException {
    WriteOperationHelper requests = requests(target);
    try {
      return new Upload(
          target,
          requests,
          requests.initiateMultiPartUpload(key(target), PutObjectOptions.keepingDirs()));
    } catch (IOException | RuntimeException e) {
      requests.close();
      throw e;
    }
  }

  /**
   * An upload in parts. Parts are numbered from 1, in the order of their bytes, without gaps in
   * what they hold; they may be sent in any order and by several threads. Each is of {@link
   * #LEAST_PART} to {@link #MOST_PART} bytes, except that the last may be smaller.
   */
  final class Upload implements AutoCloseable {
    private final Location target;
    private final WriteOperationHelper requests;
    private final String id;
    private final Map<Integer, CompletedPart> parts = new ConcurrentSkipListMap<>();
    private final Map<Integer, Long> sizes = new ConcurrentSkipListMap<>();
    private boolean completed;

    private Upload(Location target, WriteOperationHelper requests, String id) {
      this.target = target;
      this.requests = requests;
      this.id = id;
    }

    /** Sends a part. The bytes are not copied: they must stay as they are until this returns. */
    void send(int number, byte[] bytes, int offset, int length) throws IOException {
      String etag =
          requests
              .uploadPart(
                  requests
                      .newUploadPartRequestBuilder(
                          key(target), id, number, /* isLastPart= */ false, length)
                      .build(),
                  RequestBody.fromContentProvider(
                      () -> new ByteArrayInputStream(bytes, offset, length), length, OCTETS),
                  null)
              .eTag();
      sent(number, etag, length);
    }

    /**
     * Has the server copy a range of an object.
     *
     * @param source as it was seen, with its etag
     * @param length in bytes, at least 1
     * @throws ReplacedFileException if the source is another one now
     */
    void copy(int number, StoredFile source, long offset, long length) throws IOException {
      UploadPartCopyRequest request =
          UploadPartCopyRequest.builder()
              .sourceBucket(source.location().authority())
              .sourceKey(key(source.location()))
              .copySourceIfMatch(requireEtag(source))
              .copySourceRange("bytes=%d-%d".formatted(offset, offset + length - 1))
              .destinationBucket(target.authority())
              .destinationKey(key(target))
              .uploadId(id)
              .partNumber(number)
              .build();
      try {
        String etag =
            requests.retry(
                "copy part #" + number,
                key(target),
                /* idempotent= */ true,
                () -> client().uploadPartCopy(request).copyPartResult().eTag());
        sent(number, etag, length);
      } catch (IOException e) {
        throw replacement(source, e);
      }
    }

    private void sent(int number, String etag, long length) {
      parts.put(number, CompletedPart.builder().partNumber(number).eTag(etag).build());
      sizes.put(number, length);
    }

    /** Makes the object of all its parts. */
    void complete() throws IOException {
      long bytes = sizes.values().stream().mapToLong(Long::longValue).sum();
      requests.completeMPUwithRetries(
          key(target),
          id,
          List.copyOf(parts.values()),
          bytes,
          new AtomicInteger(),
          PutObjectOptions.keepingDirs());
      completed = true;
    }

    /** Aborts an upload that was not completed: its parts would cost money for ever. */
    @Override
    public void close() throws IOException {
      try (requests) {
        if (!completed) {
          requests.abortMultipartUpload(
              key(target), id, /* shouldRetry= */ true, (text, e, retries, idempotent) -> {});
        }
      } catch (IOException e) {
        LOG.warn("{}: an upload was not aborted, its parts stay: {}", target, e.toString());
      }
    }
  }

  private WriteOperationHelper requests(Location target) throws IOException {
    return files.createWriteOperationHelper(
        files.createSpan("fusewright", target.toString(), null));
  }

  private S3Client client() {
    return files.getS3AInternals().getAmazonS3Client("server-side copy");
  }

  private static String key(Location location) {
    return location.path().substring(1);
  }

  private static String requireEtag(StoredFile source) {
    return Objects.requireNonNull(source.etag(), () -> source.location() + " has no etag");
  }

  private static IOException replacement(StoredFile source, IOException e) {
    return StorageErrors.isReplacement(e) ? new ReplacedFileException(source.location()) : e;
  }
}
