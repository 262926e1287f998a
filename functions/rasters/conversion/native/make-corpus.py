"""Writes small images of every shape that people upload into the folder given, with Debian's own GDAL (3.6)."""

import os
import sys

import numpy as np
from osgeo import gdal, osr

gdal.UseExceptions()
gdal.SetConfigOption("GDAL_PAM_ENABLED", "NO")
gdal.SetConfigOption("GDAL_TIFF_INTERNAL_MASK", "YES")
folder = sys.argv[1]
WIDTH, HEIGHT = 560, 300  # Larger than a tile, so that there are overviews.
UTM = (500000.0, 0.5, 0.0, 4500000.0, 0.0, -0.5)


def path(name):
    return os.path.join(folder, name)


def srs(code):
    reference = osr.SpatialReference()
    reference.ImportFromEPSG(code)
    return reference.ExportToWkt()


def pixels(bands, dtype=gdal.GDT_Byte, width=WIDTH, height=HEIGHT, low=0, high=255):
    """Smooth shapes with a little noise, different in each band."""
    noise = np.random.default_rng(7)
    x = np.arange(width) / width
    y = (np.arange(height) / height)[:, None]
    dataset = gdal.GetDriverByName("MEM").Create("", width, height, bands, dtype)
    for band in range(bands):
        wave = 0.5 + 0.3 * np.sin(9 * x + band) * np.cos(7 * y) + 0.1 * np.sin(60 * x * y)
        values = low + (high - low) * np.clip(wave + noise.normal(0, 0.02, (height, width)), 0, 1)
        dataset.GetRasterBand(band + 1).WriteArray(values)
    return dataset


def colours(dataset, *interpretations):
    for index, interpretation in enumerate(interpretations):
        dataset.GetRasterBand(index + 1).SetColorInterpretation(interpretation)
    return dataset


def rgb(alpha=False, **options):
    kinds = [gdal.GCI_RedBand, gdal.GCI_GreenBand, gdal.GCI_BlueBand]
    dataset = colours(pixels(4 if alpha else 3, **options), *kinds, *([gdal.GCI_AlphaBand] if alpha else []))
    if alpha:
        opacity = np.full((dataset.RasterYSize, dataset.RasterXSize), 255, np.uint8)
        opacity[:100, :100] = 0
        opacity[100:200, :100] = 128
        dataset.GetRasterBand(4).WriteArray(opacity)
    return dataset


def palette(colour_count=8):
    dataset = pixels(1, high=colour_count - 1)
    table = gdal.ColorTable()
    for index in range(colour_count):
        table.SetColorEntry(index, ((index * 37) % 256, 255 - index * 3, index * 5, 255))
    dataset.GetRasterBand(1).SetColorTable(table)
    return colours(dataset, gdal.GCI_PaletteIndex)


def placed(dataset, transform=UTM, code=32617):
    dataset.SetGeoTransform(transform)
    dataset.SetProjection(srs(code))
    return dataset


def masked(dataset):
    dataset.CreateMaskBand(gdal.GMF_PER_DATASET)
    mask = np.full((dataset.RasterYSize, dataset.RasterXSize), 255, np.uint8)
    mask[:, :90] = 0
    dataset.GetRasterBand(1).GetMaskBand().WriteArray(mask)
    return dataset


def with_nodata(dataset, value):
    for index in range(dataset.RasterCount):
        band = dataset.GetRasterBand(index + 1)
        values = band.ReadAsArray()
        values[40:90, 60:300] = value
        band.WriteArray(values)
        band.SetNoDataValue(value)
    return dataset


def with_gcps(dataset):
    points = [(0, 0, 10.0, 50.0), (560, 0, 10.7, 50.05), (560, 300, 10.72, 49.5), (0, 300, 10.02, 49.45)]
    dataset.SetGCPs([gdal.GCP(x, y, 0, column, row) for column, row, x, y in points], srs(4326))
    return dataset


def write(name, dataset, driver, *options):
    gdal.GetDriverByName(driver).CreateCopy(path(name), dataset, 1, list(options))


def write_tiff(name, dataset, *options):
    write(name, dataset, "GTiff", *options)


JPEG = "COMPRESS=JPEG"
YCBCR = "PHOTOMETRIC=YCBCR"
TILED = "TILED=YES"

os.mkdir(path("refused"))

# What is not a photo.
write("rgb.png", rgb(), "PNG")
write("grey.png", pixels(1), "PNG")
write("rgba.png", rgb(alpha=True), "PNG")
write("grey-alpha.png", colours(pixels(2), gdal.GCI_GrayIndex, gdal.GCI_AlphaBand), "PNG")
write("palette.png", palette(), "PNG")
write("one-bit.png", pixels(1, high=1), "PNG", "NBITS=1")
write("grey-16-bit.png", pixels(1, gdal.GDT_UInt16, high=65535), "PNG")
write("rgb-16-bit.png", rgb(dtype=gdal.GDT_UInt16, high=65535), "PNG")
write("transparent-colour.png", with_nodata(pixels(1), 0), "PNG")
write("one-pixel.png", rgb(width=1, height=1), "PNG")
write("long-strip.png", rgb(width=5000, height=3), "PNG")
write("Ünïcode näme (1).v2.final.PNG", rgb(width=90, height=60), "PNG")
write("palette.gif", palette(), "GIF")
write("rgb.bmp", rgb(), "BMP")
write("rgb.webp", rgb(), "WEBP", "LOSSLESS=YES")
write("grey.pgm", pixels(1), "PNM")

# Photos.
write("rgb.jpg", rgb(), "JPEG")
write("progressive.jpg", rgb(), "JPEG", "PROGRESSIVE=YES")
write("grey.jpg", pixels(1), "JPEG")
write("cmyk.jpg", pixels(4), "JPEG")

# TIFF, as scanners, cameras and GIS write it.
write_tiff("striped.tif", rgb())
write_tiff("tiled-deflate.tif", rgb(), TILED, "COMPRESS=DEFLATE", "PREDICTOR=2")
write_tiff("planar.tif", rgb(), "INTERLEAVE=BAND", "COMPRESS=LZW")
write_tiff("palette.tif", palette(), "COMPRESS=PACKBITS")
write_tiff("fax.tif", pixels(1, high=1), "COMPRESS=CCITTFAX4", "NBITS=1")
write_tiff("twelve-bit.tif", pixels(1, gdal.GDT_UInt16, high=4095), "NBITS=12", "COMPRESS=LZW")
write_tiff("big-endian.tif", pixels(1, gdal.GDT_UInt16, high=60000), "ENDIANNESS=BIG")
write_tiff("bigtiff.tif", rgb(), "BIGTIFF=YES")
write_tiff("five-bands.tif", pixels(5, gdal.GDT_UInt16, high=10000), TILED)
write_tiff("int16.tif", with_nodata(placed(pixels(1, gdal.GDT_Int16, low=-400, high=8800)), -32768))
write_tiff("int32.tif", pixels(1, gdal.GDT_Int32, low=-(10**6), high=10**6))
write_tiff("uint32.tif", pixels(1, gdal.GDT_UInt32, high=4 * 10**9))
write_tiff("float-nodata.tif", with_nodata(placed(pixels(1, gdal.GDT_Float32, low=-12.5, high=3000.25)), -9999))
write_tiff("float-nan.tif", with_nodata(placed(pixels(1, gdal.GDT_Float32)), float("nan")))
write_tiff("float64.tif", pixels(2, gdal.GDT_Float64, low=-1, high=1))
write_tiff("complex.tif", pixels(1, gdal.GDT_CFloat32))
write_tiff("rgba.tif", rgb(alpha=True), "COMPRESS=DEFLATE")
write_tiff("masked.tif", masked(rgb()), "COMPRESS=DEFLATE")
write_tiff("cmyk.tif", pixels(4), "PHOTOMETRIC=CMYK", "COMPRESS=LZW")
write_tiff("jpeg.tif", rgb(), JPEG, YCBCR, TILED)
write_tiff("jpeg-grey-strips.tif", pixels(1), JPEG)
write_tiff("jpeg-rgb-planar.tif", rgb(), JPEG, "INTERLEAVE=BAND")

# With a place on earth.
write_tiff("utm.tif", placed(rgb()), TILED)
write_tiff("geographic.tif", placed(pixels(1), (10.0, 0.001, 0, 50.0, 0, -0.001), 4326))
write_tiff("web-mercator.tif", placed(pixels(1), (1e6, 2, 0, 6e6, 0, -2), 3857))
write_tiff("rotated.tif", placed(rgb(), (500000.0, 0.4, 0.3, 4500000.0, 0.3, -0.4)))
elevations = placed(pixels(1, gdal.GDT_Int16, high=900))
elevations.SetMetadataItem("AREA_OR_POINT", "Point")
write_tiff("point.tif", elevations, "COMPRESS=LZW")
write_tiff("no-crs.tif", rgb())
gdal.Open(path("no-crs.tif"), gdal.GA_Update).SetGeoTransform(UTM)
write_tiff("gcps.tif", with_gcps(rgb()))
write_tiff("jpeg-utm.tif", placed(rgb()), JPEG, YCBCR, TILED)
write_tiff("jpeg-rotated.tif", placed(pixels(1), (500000.0, 0.4, 0.3, 4500000.0, 0.3, -0.4)), JPEG)
write_tiff("jpeg-gcps.tif", with_gcps(rgb()), JPEG, YCBCR)
write_tiff("jpeg-big-endian.tif", placed(rgb()), JPEG, YCBCR, "ENDIANNESS=BIG", "BIGTIFF=YES")
write_tiff("jpeg-masked-overviews.tif", masked(placed(rgb())), JPEG, YCBCR, TILED)
gdal.SetConfigOption("JPEG_QUALITY_OVERVIEW", "75")
gdal.Open(path("jpeg-masked-overviews.tif"), gdal.GA_Update).BuildOverviews("AVERAGE", [2, 4])
write("cog.tif", placed(rgb()), "COG", "COMPRESS=LZW", "PREDICTOR=YES", "BLOCKSIZE=256")
write("cog-jpeg.tif", placed(rgb()), "COG", JPEG)
write("with-world-file.png", placed(rgb()), "PNG", "WORLDFILE=YES")
write("utm.img", placed(pixels(2, gdal.GDT_Int16, high=999)), "HFA")
write("elevation.asc", placed(pixels(1, gdal.GDT_Int32, high=900, width=120, height=80)), "AAIGrid")
write("elevation.dt0", placed(pixels(1, gdal.GDT_Int16, high=900, width=61, height=121), (10 - 1 / 120, 1 / 60, 0, 51 + 1 / 240, 0, -1 / 120), 4326), "DTED")
write("photo.ntf", rgb(), "NITF")

# What is refused.
write("refused/page.pdf", rgb(), "PDF")
write("refused/picture.jp2", rgb(), "JP2OpenJPEG")
write_tiff("refused/zstd.tif", rgb(), "COMPRESS=ZSTD")
write("refused/elsewhere.vrt", gdal.Open(path("rgb.png")), "VRT")
write_tiff("refused/jpeg-rgba.tif", rgb(alpha=True), JPEG, TILED)
write_tiff("refused/jpeg-four-bands.tif", placed(pixels(4)), JPEG, "PHOTOMETRIC=MINISBLACK", TILED)
write_tiff("refused/jpeg-infrared.tif", colours(placed(pixels(4)), gdal.GCI_RedBand, gdal.GCI_GreenBand, gdal.GCI_BlueBand, gdal.GCI_Undefined), JPEG, "ALPHA=NO", TILED)
write_tiff("refused/pages.tif", rgb())
write_tiff("refused/pages.tif", rgb(width=300, height=200), "APPEND_SUBDATASET=YES")
write_tiff("refused/jpeg-pages.tif", rgb(), JPEG)
write_tiff("refused/jpeg-pages.tif", rgb(), JPEG, "APPEND_SUBDATASET=YES")


def cut(name, source, share):
    with open(path(source), "rb") as whole, open(path("refused/" + name), "wb") as part:
        content = whole.read()
        part.write(content[: int(len(content) * share)])


cut("cut.png", "rgb.png", 0.6)
cut("cut.jpg", "rgb.jpg", 0.6)
cut("cut-progressive.jpg", "progressive.jpg", 0.6)
cut("cut.tif", "striped.tif", 0.6)
cut("cut-lzw.tif", "cmyk.tif", 0.6)
cut("cut-jpeg.tif", "jpeg-utm.tif", 0.6)
cut("cut-cog.tif", "cog.tif", 0.6)
cut("cut-header.tif", "cog.tif", 0.0001)
cut("cut.gif", "palette.gif", 0.6)
cut("cut.webp", "rgb.webp", 0.6)
cut("cut.bmp", "rgb.bmp", 0.6)
cut("empty.png", "rgb.png", 0)
with open(path("refused/letter.png"), "w") as letter:
    letter.write("Dear Sir or Madam, this is no image.\n" * 100)
